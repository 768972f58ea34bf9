package fill

import (
	"math/rand/v2"
	"strings"
)

// given are first names of several languages and lengths.
var given = strings.Fields(`Ada Aiko Alejandra Amir Ana Bo Carlos Chiara Constance Daniel Diego Ebba Elif Emmanuel Fatima Felix Grace
	Hana Henrik Ines Ivan Jo Joao Julia Kofi Lars Layla Li Lucia Maria Maximilian Mei Mohammed Nadia Nia Noah Olga Omar Paul Priya
	Rosa Sam Sofia Svetlana Tariq Theodora Tim Uma Victor Wei Xenia Yara Yusuf Zoe`)

// syllables are what surnames, domains and the rarer words of messages are made of.
var syllables = strings.Fields(`an bel cor dam el fin gar hol in jor kal lin mor nes ol per quin ros sten tor ul ver wal yor zan bri cha dre
	fla gre kow lan mei nak oha pet rin sho tan vil`)

// common are the words that most of a message is made of.
var common = strings.Fields(`the to a and of in is it for that you my with on have this be not your can at we as are from or but will me
	please order account when would hello there was if thanks need time get help since know how page about has because do after again
	still tried been password payment invoice week address delivery sign email try button error could today two see any does only
	shows change app team before even screen work`)

// made is a word of so many syllables. Numbers below the count of words of that length have a word of their own each, and neighbours are
// not alike.
func made(n uint64, length int) string {
	all := uint64(1)
	for range length {
		all *= uint64(len(syllables))
	}
	n = n * 7919 % all // which has no factor in common with the number of syllables
	var b strings.Builder
	for range length {
		b.WriteString(syllables[n%uint64(len(syllables))])
		n /= uint64(len(syllables))
	}
	return b.String()
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// domain is the number of an e-mail address's host: three in ten people are at one of three providers, the others at one of
// several hundred companies.
func domain(r *rand.Rand) string {
	if r.IntN(10) < 3 {
		return []string{"postbox.example", "mail.example", "letters.example"}[r.IntN(3)]
	}
	return made(uint64(r.IntN(domains)), 3) + ".example"
}

const domains = 600

// text is so many words, with sentences in it.
func text(r *rand.Rand, words int) string {
	var b strings.Builder
	for i := range words {
		word := common[skewed(r, len(common))]
		if r.IntN(5) == 0 {
			word = made(uint64(skewed(r, 20_000)), 3)
		}
		switch {
		case i == 0:
			word = title(word)
		case i%9 == 0:
			b.WriteString(". ")
			word = title(word)
		default:
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	b.WriteByte('.')
	return b.String()
}

// skewed is a number below n; small ones are frequent.
func skewed(r *rand.Rand, n int) int {
	x := r.Float64()
	return int(x * x * x * float64(n))
}

// one is a member of a list, by chance.
func one[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }
