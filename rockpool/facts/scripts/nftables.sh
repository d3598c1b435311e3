# Prints two lines of JSON: nftables.sh TABLE FILE, the table as it is live, and as FILE means it; {} where there is none.
# What a file means only nft itself can say, so it is loaded into a network namespace that ends with this script.
nft -j list table inet "$1" 2>/dev/null || echo "{}"
echo
unshare --net sh -s "$1" "$2" <<"X"
[ -f "$2" ] && nft -f "$2" 2>/dev/null
nft -j list table inet "$1" 2>/dev/null || echo "{}"
X
