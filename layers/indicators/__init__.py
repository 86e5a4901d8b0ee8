"""Indicators: amounts of layers and runs by region, made into values with parts, reasons and targets."""
