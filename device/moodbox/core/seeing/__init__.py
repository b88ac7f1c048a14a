"""What the box sees: motion, faces over time, the crop, and readings fused from predictions."""
