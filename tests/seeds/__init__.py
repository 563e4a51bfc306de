"""Where the seeds are wrong: that the wrong form is not rendered and the right one is."""
