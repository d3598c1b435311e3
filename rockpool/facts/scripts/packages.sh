# Lists every package with its state, damage of the packages asked for, and forgotten uploads:
# packages.sh UPLOADS [PACKAGE-TO-VERIFY...]
uploads=$1
shift
dpkg-query -W -f "\${db:Status-Status} \${Package} \${Version}\n"
[ -z "$(ls /var/lib/dpkg/updates 2>/dev/null)" ] || echo "interrupted"
for name; do
  [ -z "$(dpkg --verify "$name" 2>/dev/null)" ] || echo "damaged $name"
done
find "$uploads" -type f -printf "upload %f\n" 2>/dev/null || :
