"""What is told to many persons at once, and the switches of those who run the house."""
