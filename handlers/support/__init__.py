"""Support: tickets that people open by words, staff who answer them in a private chat, and the clocks they keep."""
