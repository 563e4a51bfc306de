"""What the templates of this repository render for its example fleet."""
