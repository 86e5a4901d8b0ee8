"""Pure analysis: arrays and frames in, frames out. No database, no HTTP, no settings."""
