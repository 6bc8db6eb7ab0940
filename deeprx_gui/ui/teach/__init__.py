"""The Teach page: normal images in, a profile out."""
