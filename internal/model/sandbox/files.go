package sandbox

import (
	"strings"
	"time"
)

const (
	// DropFiles is the kind of jobs that delete files whose rows went away with a workspace, or with what it was at a time.
	DropFiles = "drop_files"
	// FilesHolder is the workspace that has these jobs, whatever becomes of the one that the files were of. Nobody can name it.
	FilesHolder = CopyMark + "files"
	// FilesRest is how long files stay after their rows, by the machine's clock: whoever was about to write one then has done so, or has ended.
	FilesRest = 10 * time.Minute
	// MaxDropped is how many files one of these jobs deletes.
	MaxDropped = 200
)

// DropFilesPayload is what DropFiles needs to know.
type DropFilesPayload struct {
	Keys []string `json:"keys"`
}

// Origin is the workspace that a copy was made of by NewCopyID, and any other workspace itself; empty for what became of a seed.
func Origin(workspace string) string {
	if strings.HasPrefix(workspace, TemplateMark) {
		return ""
	}
	of, copied := strings.CutPrefix(workspace, CopyMark)
	if i := strings.LastIndexByte(of, '-'); copied && i >= 0 {
		of = of[:i]
	}
	return of
}
