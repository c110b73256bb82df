"""What a series shows, learned from series of which it is known."""
