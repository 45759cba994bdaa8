#!/bin/sh
# Restores a full backup of Cairn with nothing but openssl (3.0 or newer), gzip, GNU tar, awk, sha256sum and this shell.
#
# The way out of Cairn: everything this script does is described in format.md, and can be done by hand.
#
#   restore-by-hand.sh --from DIR --backup CLUSTER/SYSTEM-ID/LABEL --key FILE --anchor FILE --target DIR
#                      [--tablespace OID=DIR]... [--password-file FILE]
#
#   --from DIR            holds the bucket's objects under their keys: DIR/shop/7000000000000000001/backups/...
#   --backup NAME         which backup, for example shop/7000000000000000001/20261122T020000Z-F
#   --key FILE            private key of a recipient: PEM, or PKCS#12
#   --password-file FILE  holds the password of the key file
#   --anchor FILE         certificate (PEM) that the signature must chain to
#   --target DIR          becomes the data directory; must be empty or absent
#   --tablespace OID=DIR  where a tablespace goes; without it, TARGET/../tablespaces/OID; must be empty or absent
#
# Exit status: 0 restored, 1 error, 2 misuse, 4 refused before anything was changed, 9 the backup is not as it was written.
#
# openssl takes the backup's key as an argument: while the script runs, who can list the processes of this machine can
# see that key (of this backup only, and not the private key). Run it on a machine of your own.

set -eu
umask 077
LC_ALL=C
export LC_ALL
newline='
'

fail() { # STATUS MESSAGE HINT
    printf 'error: %s\nhint: %s\n' "$2" "$3" >&2
    exit "$1"
}

misuse() {
    printf 'error: %s\n' "$1" >&2
    sed -n 's/^# \{0,1\}//; 6,15p' "$0" >&2
    exit 2
}

say() {
    printf '%s\n' "$*" >&2
}

from= backup= key_file= password_file= anchor= target= tablespaces=
while [ $# -gt 0 ]; do
    case $1 in
        --help) sed -n 's/^# \{0,1\}//; 2,21p' "$0"; exit 0 ;;
        --from | --backup | --key | --password-file | --anchor | --target | --tablespace)
            [ $# -ge 2 ] || misuse "$1 needs a value" ;;
        *) misuse "unknown argument $1" ;;
    esac
    case $1 in
        --from) from=$2 ;;
        --backup) backup=$2 ;;
        --key) key_file=$2 ;;
        --password-file) password_file=$2 ;;
        --anchor) anchor=$2 ;;
        --target) target=$2 ;;
        --tablespace)
            case $2 in
                [0-9]*=/*) tablespaces="$tablespaces$2$newline" ;;
                *) misuse "--tablespace takes OID=/absolute/directory, not $2" ;;
            esac ;;
    esac
    shift 2
done
[ -n "$from" ] && [ -n "$backup" ] && [ -n "$key_file" ] && [ -n "$anchor" ] && [ -n "$target" ] ||
    misuse "--from, --backup, --key, --anchor and --target are needed"

for program in openssl gzip tar awk sed sha256sum mktemp; do
    command -v "$program" >/dev/null || fail 1 "$program is not installed" "install it and try again"
done
for file in "$key_file" "$anchor" ${password_file:+"$password_file"}; do
    [ -r "$file" ] || fail 4 "cannot read $file" "check the path and its rights"
done

cluster=${backup%%/*}
label=${backup##*/}
system_identifier=${backup#*/}
system_identifier=${system_identifier%/*}
case $label in
    *-F | *-S) ;;
    *) fail 4 "$label is not a full backup" "incremental backups need cairn restore; restore the full backup before it" ;;
esac
root=$cluster/$system_identifier
commit=$from/$root/backups/$label/backup.json
[ -r "$commit" ] || fail 4 "there is no $commit" "check --from and --backup; a backup without backup.json is not complete"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# ---------------------------------------------------------------------------------------------------------------------
# 1. Where does it come from? The signature is over the bytes of backup.json, and backup.json names everything else.
#    Certificates are not checked against today's date: a backup outlives the certificate it was signed with. They must
#    be for signatures (openssl's purpose smimesign): a recipient of the same authority cannot sign.

attempt=$(sed -n 's/^  "attempt" : "\([0-9a-f]\{16\}\)",$/\1/p' "$commit")
signature=$from/$root/backups/$label/backup.$attempt.sig
[ -r "$signature" ] || fail 9 "there is no signature $signature" "copy it from the bucket; do not restore without it"
openssl cms -verify -binary -inform DER -in "$signature" -content "$commit" -out /dev/null \
    -CAfile "$anchor" -no-CApath -no-CAstore -partial_chain -no_check_time 2>"$work/openssl" ||
    fail 9 "the signature of $commit does not verify: $(head -n 1 "$work/openssl")" \
        "check --anchor; if it is right, somebody changed this backup: use another copy"

# ---------------------------------------------------------------------------------------------------------------------
# 2. What is it made of? backup.json is indented by two spaces for each level, one member to a line (format.md).
#    Prints:  part SHA256 KEY | key KEY | manifest KEY | archive NAME OID | volume NAME KEY

awk '
    function text(line)   { sub(/^[^:]*: "/, "", line); sub(/",?$/, "", line); return line }
    function number(line) { sub(/^[^:]*: /, "", line); sub(/,$/, "", line); return line }
    function bad(why)     { print "bad", why; exit }
    /^  "format" : /                { format = number($0) }
    /^  "keyId" : "/                { print "id", text($0) }
    /^  "(cluster|systemIdentifier|label)" : "/ { named = named "/" text($0) }
    /^  "[a-zA-Z]+" : /             { section = "" }
    /^  "(key|manifest|index)" : \{$/ { section = text($0); sub(/^  "/, "", section); sub(/".*/, "", section) }
    /^  "archives" : \[ \{$/        { section = "archives" }
    section == "key" || section == "manifest" || section == "index" {
        if (/^    "key" : "/)    key = text($0)
        if (/^    "sha256" : "/) { print "part", text($0), key; print section, key }
    }
    section == "archives" {
        if (/^    "name" : "/)        { name = text($0); oid = "-"; offset = 0; volumes = 0 }
        if (/^      "oid" : /)        oid = number($0)
        if (/^    "volumes" : \[/)    print "archive", name, oid
        if (/^        "key" : "/)     key = text($0)
        if (/^        "sha256" : "/)  print "part", text($0), key
        if (/^      "offset" : / && number($0) + 0 != offset) bad("gap in " name)
        if (/^      "bytes" : /) {
            if (key !~ sprintf("/%s/%06d\\.gz\\.cms$", name, volumes)) bad("order of the volumes of " name)
            offset += number($0); volumes++; print "volume", name, key
        }
    }
    END { print "format", format; print "named", substr(named, 2) }
' "$commit" >"$work/list"

field() { # NAME: what the list says under it
    sed -n "s/^$1 //p" "$work/list"
}

[ -z "$(field bad)" ] || fail 9 "$commit lists no complete backup: $(field bad)" "use another copy of this backup"
[ "$(field format)" = 1 ] ||
    fail 4 "$commit has format $(field format), this script reads 1" "use the script of the release that wrote it"
[ "$(field named)" = "$cluster/$system_identifier/$label" ] ||
    fail 9 "$commit is of $(field named), not of $backup" "somebody moved it: use another copy of this backup"
if sed -n 's/^part [0-9a-f]* //p' "$work/list" | grep -v "^$root/[A-Za-z0-9._~/-]*$" || grep '/\.\./' "$work/list"; then
    fail 9 "$commit names objects outside of $root" "use another copy of this backup"
fi

# ---------------------------------------------------------------------------------------------------------------------
# 3. Where does it go? Nothing is written into a directory that holds anything.

absolute() { # DIR: made if absent, and printed without links
    mkdir -p "$1" && (cd "$1" && pwd -P)
}

require_empty() { # DIR
    case $1 in
        *\\* | *"$newline"*) fail 4 "the name of $1 has a character that tablespace_map cannot hold" "choose another directory" ;;
    esac
    if [ -e "$1" ] && [ -n "$(ls -A "$1")" ]; then
        fail 4 "$1 is not empty" "give a directory that is empty or does not exist"
    fi
}

directory_of() { # OID: where its tablespace goes
    given=$(printf '%s' "$tablespaces" | sed -n "s/^$1=//p" | tail -n 1)
    printf '%s\n' "${given:-$(dirname "$target")/tablespaces/$1}"
}

field archive | while read -r name oid; do
    [ "$oid" = - ] || printf '%s\n' "$oid"
done >"$work/oids"
printf '%s' "$tablespaces" | while IFS='=' read -r oid directory; do
    grep -q "^$oid\$" "$work/oids" || fail 4 "the backup has no tablespace $oid for $directory" \
        "its tablespaces: $(tr '\n' ' ' <"$work/oids")"
done
case $target in
    /*) ;;
    *) target=$PWD/$target ;;
esac
target=${target%/}
require_empty "$target"
while read -r oid; do
    require_empty "$(directory_of "$oid")"
done <"$work/oids"

# ---------------------------------------------------------------------------------------------------------------------
# 4. Is it all there, and as it was stored?

say "checking $(field part | wc -l) objects"
sed -n 's/^part \([0-9a-f]*\) \(.*\)$/\1  \2/p' "$work/list" >"$work/sums"
(cd "$from" && sha256sum --check --quiet --strict "$work/sums") >"$work/damaged" 2>&1 ||
    fail 9 "objects are missing or not as they were stored: $(head -n 3 "$work/damaged" | tr '\n' ' ')" \
        "copy them again from the bucket, or from the bucket of another region"

# ---------------------------------------------------------------------------------------------------------------------
# 5. The key. It is wrapped for the recipients' certificates; the content is three lines of text.

unwrap() {
    if head -c 10 "$key_file" | grep -q '^-----BEGIN'; then
        openssl cms -decrypt -binary -inform DER -in "$1" -inkey "$key_file" ${password_file:+-passin "file:$password_file"}
    else
        openssl pkcs12 -in "$key_file" -nodes -nocerts ${password_file:+-passin "file:$password_file"} |
            openssl cms -decrypt -binary -inform DER -in "$1" -inkey /dev/stdin
    fi
}

id=$(field id)
unwrapped=$(unwrap "$from/$(field key)" 2>"$work/openssl" | tr -d '\0') || unwrapped=
case $unwrapped in
    "cairn backup key 1${newline}id $id${newline}key "*) secret=${unwrapped##*key } ;;
    *) fail 4 "$key_file does not open $(field key): $(head -n 1 "$work/openssl")" \
        "use the private key of a certificate that the backup was encrypted for, and its password" ;;
esac

decrypt() { # FILE
    openssl cms -decrypt -binary -inform DER -in "$1" -secretkey "$secret" -secretkeyid "$id" 2>>"$work/openssl" ||
        printf '%s does not decrypt\n' "$1" >>"$work/failed"
}

inflate() {
    gzip -dc || printf 'gzip failed\n' >>"$work/failed"
}

require_no_failure() {
    [ ! -s "$work/failed" ] || fail 9 "$(head -n 1 "$work/failed")" "use another copy; what was restored so far is worthless"
}

# ---------------------------------------------------------------------------------------------------------------------
# 6. Each archive: its volumes in their order are one gzip stream, and that is the tar that PostgreSQL sent.

restore() { # NAME DIR
    # Once more: two archives may have been given the same directory.
    require_empty "$2"
    say "restoring $1 into $2"
    sed -n "s/^volume $1 //p" "$work/list" >"$work/volumes"
    while read -r key; do
        decrypt "$from/$key"
    done <"$work/volumes" | inflate | tar -x -p -f - -C "$2" || printf 'tar failed\n' >>"$work/failed"
    require_no_failure
}

target=$(absolute "$target")
chmod 700 "$target"
: >"$work/map"
while read -r oid; do
    directory=$(absolute "$(directory_of "$oid")")
    chmod 700 "$directory"
    restore "$oid.tar" "$directory"
    printf '%s %s\n' "$oid" "$directory" >>"$work/map"
done <"$work/oids"
restore base.tar "$target"
decrypt "$from/$(field manifest)" | inflate >"$target/backup_manifest"
require_no_failure

# The server makes the links in pg_tblspc from tablespace_map when it starts: both must say where the tablespaces are now.
if [ -s "$work/map" ]; then
    mkdir -p "$target/pg_tblspc"
    while read -r oid directory; do
        ln -s "$directory" "$target/pg_tblspc/$oid"
    done <"$work/map"
    cat "$work/map" >"$target/tablespace_map"
fi

say "restored $backup into $target"
say "next: chown -R postgres $target$([ -s "$work/map" ] && printf ' and its tablespaces'), check the configuration files," \
    "leave backup_label where it is, and start PostgreSQL $(sed -n 's/^  "serverVersion" : \([0-9]*\)[0-9]\{4\},$/\1/p' "$commit")"
