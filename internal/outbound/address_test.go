package outbound

import (
	"errors"
	"testing"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		// public
		"1.1.1.1:80": true, "8.8.8.8:443": true, "100.63.255.255:80": true, "100.128.0.0:80": true, "172.15.255.255:80": true,
		"172.32.0.0:80": true, "169.253.0.1:80": true, "192.167.1.1:80": true, "198.17.0.1:80": true, "223.255.255.255:80": true,
		"[2606:4700:4700::1111]:443": true, "[2a00:1450:4001:80e::200e]:443": true, "[::ffff:1.1.1.1]:80": true,
		"[64:ff9b::1.1.1.1]:80": true, "[2002:0101:0101::1]:80": true,
		// this machine, this network
		"127.0.0.1:80": false, "127.255.255.254:80": false, "0.0.0.0:80": false, "0.1.2.3:80": false,
		"[::1]:80": false, "[::]:80": false, "[::ffff:127.0.0.1]:80": false, "[::ffff:0.0.0.0]:80": false, "[::127.0.0.1]:80": false,
		// private
		"10.0.0.1:80": false, "10.255.255.255:80": false, "172.16.0.1:80": false, "172.31.255.255:80": false, "192.168.1.1:80": false,
		"100.64.0.1:80": false, "100.127.255.255:80": false, "[fc00::1]:80": false, "[fd12:3456::1]:80": false, "[fec0::1]:80": false,
		"[::ffff:10.0.0.1]:80": false, "[::ffff:192.168.1.1]:80": false,
		// links, metadata of clouds
		"169.254.1.1:80": false, "169.254.169.254:80": false, "[fe80::1]:80": false, "[fe80::1%eth0]:80": false, "[::ffff:169.254.169.254]:80": false,
		"[fd00:ec2::254]:80": false, "100.100.100.200:80": false, "192.0.0.192:80": false, "168.63.129.16:80": false,
		// many at once
		"224.0.0.1:80": false, "239.255.255.250:80": false, "255.255.255.255:80": false, "240.0.0.1:80": false, "[ff02::1]:80": false,
		// in disguise
		"[64:ff9b::127.0.0.1]:80": false, "[64:ff9b::a9fe:a9fe]:80": false, "[64:ff9b::10.0.0.1]:80": false, "[64:ff9b:1::1]:80": false,
		"[2002:7f00:0001::1]:80": false, "[2002:a9fe:a9fe::]:80": false, "[2002:c0a8:0101::1]:80": false, "[2001:0:1::1]:80": false,
		// nobody's
		"192.0.2.1:80": false, "198.18.0.1:80": false, "198.51.100.1:80": false, "203.0.113.1:80": false, "192.88.99.1:80": false,
		"[2001:db8::1]:80": false, "[3fff::1]:80": false, "[100::1]:80": false, "[4000::1]:80": false,
		// no address
		"localhost:80": false, "127.0.0.1": false, "": false,
	} {
		if err := checkAddress("tcp4", address); (err == nil) != want || err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if checkAddress("unix", "/run/socket") == nil || checkAddress("udp", "1.1.1.1:53") == nil {
		t.Error("something else than TCP is taken")
	}
}
