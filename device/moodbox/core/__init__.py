"""Pure core: values and the time in, commands out. No I/O, no clock, no cv2."""
