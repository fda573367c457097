"""What revision 0002 makes, a module for each subject. It is released: nothing here may change in effect."""
