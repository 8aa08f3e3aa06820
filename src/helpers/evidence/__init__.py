"""What history says: pure functions, frames and plain results out."""
