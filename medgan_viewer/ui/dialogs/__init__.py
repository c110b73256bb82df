"""What asks before something is written."""
