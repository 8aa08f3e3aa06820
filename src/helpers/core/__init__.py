"""What every other room speaks: errors that carry facts, findings, and the parameter model."""
