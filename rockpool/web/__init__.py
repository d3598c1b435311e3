"""The pages of `/app`: what a person sees in a browser."""
