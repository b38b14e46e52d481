"""What the documentation is made from: the registry, the help of the commands, and screens of real runs."""
