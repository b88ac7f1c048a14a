"""What tests share: fakes, a private MPD, people and rooms."""
