"""FastAPI: wiring, routes, identity and scope, live stream, command line."""
