"""What the screens say, worked out of what the files say: plain functions from entries to lines of text, no kivy."""
