"""Pure functions on bars: frame in, frame out, nothing printed, plotted or changed."""
