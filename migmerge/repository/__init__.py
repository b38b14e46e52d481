"""Git: reading trees and history, committing, installing hooks.

Reading is plumbing, started side by side: `import git` alone takes five times as long as a whole `git ls-tree`.
"""
