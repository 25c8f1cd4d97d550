# Lines of pg_waldump -> a line for each transaction that bears an id: xid, first LSN, LSN and kind of its end, records, bytes,
# subtransactions, summed up with those that its end or an assignment names.
function top_of(x) {
    while (x in top) x = top[x]
    return x
}
function take_list(list, whose, may_be_known,    i, count, ids) {
    sub(/;.*/, "", list)
    count = split(list, ids, " ")
    for (i = 1; i <= count; i++)
        if (!may_be_known || !(ids[i] + 0 in top)) top[ids[i] + 0] = whose
}
{
    split($0, parts, /rmgr: +| +len \(rec\/tot\): +|, tx: +|, lsn: |, prev |, desc: /)
    split(parts[3], bytes, "/")
    xid = parts[4] + 0
    split(parts[5], halves, "/")
    sub(/^0+/, "", halves[2])
    lsn = halves[1] "/" halves[2]
    desc = substr($0, index($0, ", desc: ") + 8)
    split(desc, words, " ")
    is_xact = parts[2] == "Transaction"
    if (is_xact && words[1] ~ /_PREPARED$/) xid = words[2] + 0
    if (xid < 3) next
    if (!(xid in records)) { order[++count] = xid; first[xid] = lsn }
    records[xid]++
    size[xid] += bytes[2]
    if (!is_xact) next
    list = desc
    found = sub(/.*subxacts: /, "", list)
    if (words[1] ~ /^(COMMIT|ABORT)/) {
        end[xid] = words[1]
        at[xid] = lsn
        if (found) take_list(list, xid, 0)
    } else if (words[1] == "ASSIGNMENT")
        take_list(list, words[3] + 0, 1)
}
END {
    for (i = 1; i <= count; i++) {
        t = top_of(order[i])
        all[t] += records[order[i]]
        bytes_of[t] += size[order[i]]
        if (!(t in begins)) begins[t] = first[order[i]]
    }
    for (x in top) subxacts[top_of(x)]++
    for (t in all) print t "," begins[t] "," at[t] "," end[t] "," all[t] "," bytes_of[t] "," subxacts[t] + 0
}
