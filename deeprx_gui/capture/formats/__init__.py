"""What the bytes of a picture file say before anything is decoded: size, turn, wholeness."""
