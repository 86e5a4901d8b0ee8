"""Devices on the street: poles, towers, cameras, base stations, sensors and supervised vehicles."""
