# Which journal transactions must a restored copy hold, and does it? Prints one line per mistake, nothing if all is right.
#
#   awk -v mode=exact|near -v low=LSN -v high=LSN -v time=US -v sent=US -v acked=US -v backup=US \
#       -f judge.awk ORDER JOURNAL ACKS RESTORED
#
# ORDER     xid, commit position        of every commit, as the server tells it (empty: decide by the clock)
# JOURNAL   id, xid, commit time        of every journal row of the original server, times in microseconds
# ACKS      id, time                    of every COMMIT that came back to its client
# backup    a moment when the base backup had begun
# RESTORED  id                          of every journal row of the restored copy
#
# mode=exact: rows that committed before `low` must be there, those from `high` on must not; between
# them (nowhere, when both are the position of one commit) either will do.
#
# Without positions, or with mode=near, the clock decides. A commit is written after its time was taken, however long
# the machine lets it wait between the two, and before it is acknowledged. So what was acknowledged before `time` must be
# there, what has a time after the acknowledgement of the incident must not, and between them either will do.
# Whatever the mode: what was acknowledged before the COMMIT of the incident was sent must be there, too.

function wanted(id,    position) {
    if (id in ack && ack[id] < sent) return 1
    if (stamp[id] > acked) return 0
    position = at[xid[id]]
    if (mode == "exact" && have_order) return position < low ? 1 : position >= high ? 0 : -1
    return id in ack && ack[id] < time ? 1 : -1
}

BEGIN { FS = "\t" }
FILENAME == ARGV[1] { at[$1] = $2 + 0; have_order = 1; next }
FILENAME == ARGV[2] { xid[$1] = $2; stamp[$1] = $3 + 0; next }
FILENAME == ARGV[3] { ack[$1] = $2 + 0; next }
{ restored[$1] = 1; rows++ }

END {
    for (id in xid) {
        # What committed before the backup is in it; the server was asked about the WAL from there on.
        if (have_order && !(xid[id] in at) && stamp[id] < backup) at[xid[id]] = 0
        if (mode == "exact" && have_order && !(xid[id] in at)) {
            print "journal row " id ": the server tells no commit of transaction " xid[id]
            continue
        }
        want = wanted(id)
        if (want == 1) before++
        if (want == 0) after++
        where = "journal row " id " of transaction " xid[id] ", committed at " at[xid[id]] ", time " sprintf("%.0f", stamp[id])
        if (want == 1 && !(id in restored)) print where ": committed before, but is missing"
        if (want == 0 && id in restored) print where ": committed after, but is there"
    }
    for (id in restored) if (!(id in xid)) print "journal row " id " was never committed"
    # A comparison of next to nothing proves nothing.
    if (before < 100 || after < 100) print "too little traffic: " before + 0 " rows before, " after + 0 " after"
    if (count_file) print before + 0 " rows before all there, " after + 0 " after all gone" >count_file
}
