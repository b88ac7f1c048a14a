"""The policy: state in parts, events, commands, and the step that composes them."""
