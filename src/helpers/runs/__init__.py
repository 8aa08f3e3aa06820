"""Everything that touches kernels, disk and people: planning, executing, recording, verifying, the command."""
