"""Git: reading trees and history, committing, installing hooks."""
