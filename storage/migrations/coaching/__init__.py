"""What revision 0003 makes, a module for each subject. It is released: nothing here may change in effect."""
