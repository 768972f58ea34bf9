// Package words cuts texts into the words that searches find them by.
// It must not know what is searched, nor where.
package words

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"parley/internal/model"
)

// The bounds of what is found word by word.
const (
	maxWord  = 64   // characters; what follows is not looked at
	maxWords = 2000 // of one text
)

// Of are the words of a plain text, folded, each once, in the order in which
// they first occur. A text that is searched and what is searched for are split
// alike: a search is for texts that have all its words.
//
// A word is a run of letters and digits, with their marks. What is written without
// spaces (Chinese, Japanese, Thai) has no words that could be told apart without a
// dictionary: there each character is one. Of a text with too many words the first
// are taken, and of a word that is too long its beginning.
func Of(s string) []string {
	var words []string
	seen := map[string]bool{}
	for word := range Each(s) {
		if !seen[word] {
			words = append(words, word)
			seen[word] = true
		}
		if len(words) == maxWords {
			break
		}
	}
	return words
}

// Each yields the words of a plain text as Of has them, each as often as it
// occurs and without end.
func Each(s string) iter.Seq[string] {
	return func(yield func(string) bool) { eachWord(s, yield) }
}

func eachWord(s string, yield func(string) bool) {
	var word []byte
	length, alone, more := 0, false, true // of the word: its characters, and that no letter joins it
	end := func() {
		if length > 0 && more {
			more = yield(string(word))
		}
		word, length, alone = word[:0], 0, false
	}
	for _, r := range model.Fold(s) {
		joins := false
		switch {
		case isInvisible(r):
			continue
		case unicode.IsMark(r):
			joins = length > 0
		case isUnspaced(r):
			end()
			alone, joins = true, true
		case unicode.IsLetter(r), unicode.IsNumber(r):
			if alone {
				end()
			}
			joins = true
		}
		if !joins {
			end()
		} else if length < maxWord {
			word = utf8.AppendRune(word, r)
			length++
		}
		if !more {
			return
		}
	}
	end()
}

// isInvisible tells characters that only say how their neighbours are shown.
func isInvisible(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Cf, unicode.Variation_Selector)
}

// isUnspaced tells the letters of scripts that put no space between words.
func isUnspaced(r rune) bool {
	switch {
	case r < '\u0e00', unicode.IsDigit(r):
		return false
	case r == '\u30fc', r == '\uff70', r == '\uff9e', r == '\uff9f': // long and voiced sounds, of hiragana and katakana alike
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) &&
		unicode.IsLetter(r)
}
