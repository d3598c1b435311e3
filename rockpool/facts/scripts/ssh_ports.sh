# The ports of sshd, a line each: those of its configuration, if that is sound, and the one that we came by.
/usr/sbin/sshd -T 2>/dev/null | sed -n 's/^port //p'
echo "${SSH_CONNECTION##* }"
