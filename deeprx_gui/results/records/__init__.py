"""Every verdict, remembered."""
