package blob

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// bucketURL is the URL under which a bucket's objects are, a slash at its end. The
// bucket's name is in the path, except at the stores that want it in front of the host.
func bucketURL(endpoint, bucket, region string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return nil, errors.New("not an http or https URL without a path")
	}
	host := strings.ToLower(u.Hostname())
	if err := checkHost(host); err != nil {
		return nil, err
	}
	of := &url.URL{Scheme: u.Scheme, Host: hostAndPort(u, host), Path: "/"}
	amazon := isAmazon(host)
	if amazon && !isKept(host) {
		if !isName(region) {
			return nil, fmt.Errorf("%q is no region", region)
		}
		of.Host = amazonHost(region)
	}
	// A certificate is for one name in front of the host.
	dotted := u.Scheme == "https" && strings.Contains(bucket, ".")
	if !dotted && (amazon || host == "storage.googleapis.com" || strings.HasSuffix(host, "aliyuncs.com")) {
		of.Host = bucket + "." + of.Host
	} else {
		of.Path += bucket + "/"
	}
	return of, nil
}

// checkHost refuses what is no host, and what is not asked in this way.
func checkHost(host string) error {
	if ip, err := netip.ParseAddr(host); err == nil && ip.Zone() == "" {
		return nil
	}
	switch {
	case host == "" || len(host) > 255 || strings.HasPrefix(host, ".") || strings.Trim(host, "-_") != host || strings.ContainsFunc(host, strange):
		return fmt.Errorf("%q is no host", host)
	case strings.Contains(host, "s3express-") || strings.Contains(host, "s3-outposts"):
		return fmt.Errorf("%s is of a kind that is not supported", host) // they are signed differently
	case strings.Contains(host, ".s3.amazonaws.com"):
		return errors.New("the host of Amazon is s3.amazonaws.com, without the bucket")
	case strings.Contains(host, ".googleapis.com") && host != "storage.googleapis.com":
		return errors.New("the host of Google is storage.googleapis.com, without the bucket")
	}
	return nil
}

// checkBucket refuses a name that no store gives to a bucket, as it becomes part of
// an address.
func checkBucket(name string) error {
	if len(name) < 3 || len(name) > 63 || strings.ContainsFunc(name, strange) || strings.Contains(name, "..") || strings.Trim(name, ".-_") != name {
		return fmt.Errorf("%q is no bucket", name)
	}
	return nil
}

// isName reports whether a text can be one step of a host's name.
func isName(text string) bool {
	return text != "" && len(text) <= 63 && !strings.ContainsFunc(text, func(r rune) bool { return strange(r) || r == '.' || r == '_' })
}

// hostAndPort is the host as the header has it: without a port that goes without saying.
func hostAndPort(u *url.URL, host string) string {
	port := u.Port()
	if port != "" && (u.Scheme != "http" || port != "80") && (u.Scheme != "https" || port != "443") {
		return net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// isAmazon reports whether a host is one of Amazon's for S3: s3.amazonaws.com, the same
// with a region, the older ones with a hyphen, those in China, or one within a private
// network.
func isAmazon(host string) bool {
	if before, ok := strings.CutSuffix(host, ".amazonaws.com.cn"); ok {
		return strings.HasPrefix(before, "s3.cn") || strings.HasPrefix(before, "s3.dualstack.cn")
	}
	before, ok := strings.CutSuffix(host, ".amazonaws.com")
	if !ok || strings.Contains(before, "elb") { // a balancer of somebody's own
		return false
	}
	return before == "s3" || strings.HasPrefix(before, "s3.") || strings.HasPrefix(before, "s3-") || isPrivateLink(host)
}

// isKept reports whether one of Amazon's hosts is asked itself, whatever the region.
func isKept(host string) bool { return strings.HasPrefix(host, "s3-fips") || isPrivateLink(host) }

func isPrivateLink(host string) bool {
	return (strings.HasPrefix(host, "bucket.vpce-") || strings.HasPrefix(host, "accesspoint.vpce-")) && strings.HasSuffix(host, ".vpce.amazonaws.com")
}

// amazonHost is Amazon's host for a region. Where it can be, it is one with addresses
// of IPv6 too.
func amazonHost(region string) string {
	switch {
	case strings.HasPrefix(region, "us-iso-"):
		return "s3." + region + ".c2s.ic.gov"
	case strings.HasPrefix(region, "us-isob-"):
		return "s3." + region + ".sc2s.sgov.gov"
	case strings.HasPrefix(region, "cn-"):
		return "s3.dualstack." + region + ".amazonaws.com.cn"
	}
	return "s3.dualstack." + region + ".amazonaws.com"
}
