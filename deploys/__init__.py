"""What is deployed, in pyinfra's words."""
