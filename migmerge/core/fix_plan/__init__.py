"""What can be done about a divergence: from findings to plans that are decided to the byte."""
