package phone_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/phone"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, want string // want is empty for what is no number
		texts            bool
	}{
		{"an Irish mobile phone", "+353832345678", "+353832345678", true},
		{"with spaces", "+353 83 234 5678", "+353832345678", true},
		{"with a national 0", "+353 (0)83 234 5678", "+353832345678", true},
		{"with dashes and dots", "+353-83-234.5678", "+353832345678", true},
		{"with space around", " \t+353832345678\r\n", "+353832345678", true},
		{"an American number, of whichever phone", "+1 (202) 555-0123", "+12025550123", true},
		{"an Italian number keeps its 0", "+39 06 1234 5678", "+390612345678", false},
		{"a Romanian landline", "+40241100100", "+40241100100", false},
		{"a British landline", "+44 20 7946 0018", "+442079460018", false},
		{"a number that is free to call", "+18005551234", "+18005551234", false},
		{"a number that costs to call", "+19005551234", "+19005551234", false},
		{"an Argentine mobile phone, as one dials it there", "+54 0 11 15 2345-6789", "+5491123456789", true},
		{"a Brazilian one, by way of a carrier", "+55 0 15 11 96123-4567", "+5511961234567", true},
		{"one of San Marino, without what is dialled from Italy", "+378 886377", "+3780549886377", false},
		{"what begins as if it were dialled within the country", "+598 000 470", "+598000470", false},
		{"a 1 before what is too short to remain", "+113107516", "", false},
		{"16 digits, which its plan allows", "+4920100000000000", "", false},
		{"the form of the documentation, which nobody has", "+1 1234567890", "", false},
		{"a digit too few", "+35383234567", "", false},
		{"a digit too many", "+3538323456789", "", false},
		{"no such country", "+999832345678", "", false},
		{"no plus", "353832345678", "", false},
		{"00 for the plus", "00353832345678", "", false},
		{"a national number", "083 234 5678", "", false},
		{"two pluses", "++353832345678", "", false},
		{"a plus further on", "+353+832345678", "", false},
		{"an extension", "+353832345678 ext. 5", "", false},
		{"letters that stand for digits", "+1 202 FLOWERS", "", false},
		{"digits of another script", "+٣٥٣٨٣٢٣٤٥٦٧٨", "", false},
		{"a wide plus", "＋353832345678", "", false},
		{"a line break in it", "+35383\n2345678", "", false},
		{"a URI", "tel:+353832345678", "", false},
		{"a text", "call me", "", false},
		{"a plus alone", "+", "", false},
		{"nothing", "", "", false},
		{"an emergency", "+112", "", false},
		{"far too much room", "+353832345678" + strings.Repeat(" ", 64) + "0", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n, ok := phone.Parse(c.text)
			if ok != (c.want != "") {
				t.Fatalf("%q is read as a number: %v", c.text, ok)
			}
			if ok && (n.String() != c.want || n.TakesTexts() != c.texts) {
				t.Errorf("%q is %s and takes texts: %v; want %s, %v", c.text, n, n.TakesTexts(), c.want, c.texts)
			}
		})
	}
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"+353832345678": {"+353832345678", "353832345678", "00353832345678", "+353 83 234 5678", "+353 83 234 5678", "+353-83-234-5678"},
		"+12025550123":  {"+12025550123", "12025550123", "0012025550123", "+1 202-555-0123", "+1 202 555 0123", "+1-202-555-0123"},
	} {
		n, _ := phone.Parse(text)
		if diff := cmp.Diff(want, n.Spellings()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// What is read as a number is one in E.164 form, and is read as the same again in
// each of its spellings that has a plus.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"+353832345678", "+1 1234567890", "+1 (202) 555-0123", "+40241100100", "+39 06 1234 5678", "00353832345678",
		"+54 9 11 2345-6789", "+353 (0)83 234 5678", "+٣٥٣", "+", "+353832345678 ext. 5", "+881612345678", "+8001234 5678"} {
		f.Add(seed)
	}
	e164 := regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := phone.Parse(text)
		if !ok {
			return
		}
		if !e164.MatchString(n.String()) {
			t.Fatalf("%q is read as %q", text, n)
		}
		for _, s := range n.Spellings() {
			again, ok := phone.Parse(s)
			if strings.HasPrefix(s, "+") && (!ok || again.String() != n.String() || again.TakesTexts() != n.TakesTexts()) {
				t.Fatalf("%q is read as %s, and its spelling %q as %v %v", text, n, s, again, ok)
			}
		}
	})
}
