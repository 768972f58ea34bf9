package db

// Stats are counters since Open, and a few sizes as they are now. Fields that mean nothing to a database stay zero.
type Stats struct {
	Waiting   int64 // SQLite: updates that wait for their turn now
	Groups    int64 // commits of updates; SQLite puts several updates into one
	Updates   int64 // updates committed
	Rollbacks int64 // updates that ended without a commit, failed PostgreSQL attempts included
	Retries   int64 // PostgreSQL: attempts repeated because of a conflict

	Refused    int64 // SQLite: updates that the disk has kept from being done
	Unwritable bool  // SQLite: the latest was

	Readers     int64 // SQLite: connections for reading, at most
	BusyReaders int64 // SQLite: views running now
	ReaderWaits int64 // SQLite: views that found every reading connection busy

	Conns        int64   // PostgreSQL: connections, at most
	OpenConns    int64   // PostgreSQL: connections open now
	BusyConns    int64   // PostgreSQL: connections in use now
	ConnWaits    int64   // PostgreSQL: transactions that had to wait for a connection
	WaitSeconds  float64 // PostgreSQL: time spent in those waits
	ConnTimeouts int64   // PostgreSQL: transactions that waited in vain
	LostConns    int64   // PostgreSQL: connections found lost

	FileBytes int64 // SQLite: size of the database file
	LogBytes  int64 // SQLite: size of the write-ahead log
}
