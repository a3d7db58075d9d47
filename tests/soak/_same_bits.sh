# Sourced by scripts of this folder.

# same_bits FOLDER NAME CASES COMMAND...: what build/release/foldback and COMMAND, another build of it, record of every case
# RUN:REPLICAS among the words of CASES; exits where a bit differs. The files are made in FOLDER.
same_bits() {
    local folder=$1 name=$2 cases=$3 case model options sums
    shift 3
    for case in $cases; do
        model=${case%:*}
        options=("runs/$model.toml" --force --quiet --no-verify --set "ensemble.replicas=${case#*:}" --set record.paths=0)
        build/release/foldback run "${options[@]}" -o "$folder/bits-here.h5"
        "$@" run "${options[@]}" -o "$folder/bits-there.h5"
        h5diff --exclude-path /progress --exclude-attribute / "$folder/bits-here.h5" "$folder/bits-there.h5"
        mapfile -t sums < <(for file in here there; do build/release/foldback inspect "$folder/bits-$file.h5" | grep data_sha256; done | sort -u)
        [ "${#sums[@]}" -eq 1 ] || { echo "$model: gcc and $name give other bits: ${sums[*]}"; exit 1; }
        echo "$model ${sums[0]}"
    done
}
