"""What a tile is, how it is rendered, kept, found stale and rebuilt."""
