package content

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/words"
	"parley/internal/richtext"
	"parley/internal/store/record"
)

// The bounds of what an article is found by: what comes behind them in a body is
// not looked at. PostgreSQL takes a megabyte of words for a document.
const (
	maxIndexed = 400_000 // bytes
	maxHits    = 1_000   // of a search
)

// ownerKey and documentKey are words of the index that say whose a document is,
// and which.
func (s Articles) ownerKey() string { return "w" + string(s.Workspace) }

func (s Articles) documentKey(id content.ArticleID, l content.Locale) string {
	return "d" + string(s.Workspace) + "x" + id.String() + "x" + strings.ToLower(strings.ReplaceAll(string(l), "-", ""))
}

// index writes the words that an article is found by in a locale.
func (s Articles) index(id content.ArticleID, l content.Locale, c content.ArticleContent) error {
	s.Touch(string(s.Workspace), "article_search")
	err := s.Write(`INSERT INTO article_search (workspace_id, article_id, locale, keys, title, summary, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, s.Workspace, id, l, s.ownerKey()+" "+s.documentKey(id, l),
		indexed(c.Title), indexed(c.Description), indexed(richtext.Text(c.Body)))
	if err != nil {
		return fmt.Errorf("store: index article: %w", err)
	}
	return nil
}

func (s Articles) unindex(id content.ArticleID, l content.Locale) error {
	s.Touch(string(s.Workspace), "article_search")
	// SQLite finds the row by its key, PostgreSQL by the rest.
	err := s.Write(`DELETE FROM article_search WHERE `+s.Dialect().Matches("article_search", "$1")+
		` AND workspace_id = $2 AND article_id = $3 AND locale = $4`,
		s.Dialect().Search(s.documentKey(id, l), nil, false), s.Workspace, id, l)
	if err != nil {
		return fmt.Errorf("store: take article out of the index: %w", err)
	}
	return nil
}

// ClearIndex takes all of the workspace out of the index, which no key of another
// table removes it from.
func (s Articles) ClearIndex() error {
	s.Touch(string(s.Workspace), "article_search")
	err := s.Write(`DELETE FROM article_search WHERE `+s.Dialect().Matches("article_search", "$1")+` AND workspace_id = $2`,
		s.Dialect().Search(s.ownerKey(), nil, false), s.Workspace)
	if err != nil {
		return fmt.Errorf("store: clear the index of articles: %w", err)
	}
	return nil
}

// indexed are the words of a plain text as the index has them.
func indexed(text string) string {
	var out strings.Builder
	for word := range words.Each(plainLetters(text)) {
		if out.Len()+len(word) > maxIndexed {
			break
		}
		out.WriteString(word)
		out.WriteByte(' ')
	}
	return out.String()
}

// plainLetters takes the accents off letters of scripts that are found without
// them.
func plainLetters(text string) string {
	var out strings.Builder
	var base rune
	for _, r := range norm.NFD.String(text) {
		if unicode.Is(unicode.Mn, r) && unicode.In(base, unicode.Latin, unicode.Greek, unicode.Cyrillic) {
			continue
		}
		if !unicode.IsMark(r) {
			base = r
		}
		out.WriteRune(r)
	}
	return norm.NFC.String(out.String())
}

// Search finds the articles that have all words of a phrase in one locale, the
// last one perhaps as the beginning of a longer one: the best first, and each once.
func (s Articles) Search(q content.ArticleQuery, page model.PageRequest) (*model.Page[*content.Article], error) {
	found := &model.Page[*content.Article]{PerPage: page.PerPage, Number: page.Number}
	var asked []string
	for word := range words.Each(plainLetters(q.Phrase)) {
		if asked = append(asked, word); len(asked) == content.MaxQueryWords {
			break
		}
	}
	if len(asked) == 0 {
		return found, nil
	}
	args := []any{s.Dialect().Search(s.ownerKey(), asked, true), s.Workspace, maxHits}
	condition := ""
	and := func(text string, v any) {
		args = append(args, v)
		condition += text + "$" + strconv.Itoa(len(args))
	}
	if q.State != "" {
		and(" AND c.state = ", q.State)
	}
	if q.HelpCenter != 0 {
		and(" AND a.help_center_id = ", q.HelpCenter)
	}
	var ids []content.ArticleID
	best := map[content.ArticleID]bool{}
	err := s.Rows(`SELECT a.id, `+s.Dialect().Rank("article_search", "$1")+` AS rank FROM article_search
		JOIN article_contents c ON c.workspace_id = $2 AND c.article_id = article_search.article_id AND c.locale = article_search.locale
		JOIN articles a ON a.workspace_id = $2 AND a.id = c.article_id
		WHERE `+s.Dialect().Matches("article_search", "$1")+` AND article_search.workspace_id = $2`+condition+`
		ORDER BY rank, a.id LIMIT $3`, args, func(r *db.Rows) error {
		var id content.ArticleID
		var rank float64
		err := r.Scan(&id, &rank)
		if !best[id] {
			best[id], ids = true, append(ids, id)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: search articles: %w", err)
	}
	found.Total = len(ids)
	from := min(page.Offset(), len(ids))
	ids = ids[from:min(from+page.PerPage, len(ids))]
	found.Items, err = s.inOrder(ids)
	if from+len(ids) < found.Total {
		found.Next = &model.Position{}
	}
	return found, err
}

// inOrder reads the articles with these ids.
func (s Articles) inOrder(ids []content.ArticleID) ([]*content.Article, error) {
	byID := make(map[content.ArticleID]*content.Article, len(ids))
	err := s.Rows(`SELECT `+articleColumns+` FROM articles a WHERE a.workspace_id = $1 AND a.id `+s.Dialect().InInts("$2"),
		[]any{s.Workspace, record.ToJSON(ids)}, func(r *db.Rows) error {
			a, err := scanArticle(r)
			byID[a.ID] = a
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: read articles: %w", err)
	}
	all := make([]*content.Article, 0, len(ids))
	for _, id := range ids {
		all = append(all, byID[id])
	}
	return all, s.load(all...)
}
