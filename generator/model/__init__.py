"""The frozen types that the stages hand to each other. No stage's logic lives here."""
