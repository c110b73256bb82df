"""What synthetic cases are worth."""
