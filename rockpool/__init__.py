"""Rockpool turns one machine into a private cloud IDE. Start reading at `rockpool.spec` and `rockpool.plan`."""
