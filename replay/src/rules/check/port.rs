//! Ports by number or by name of the service.
//!
//! Falco asks the machine's service database; so that rules mean the same everywhere, the names known here are
//! fixed.

const SERVICES: [(&str, u16); 44] = [
    ("ftp-data", 20),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("domain", 53),
    ("bootps", 67),
    ("bootpc", 68),
    ("tftp", 69),
    ("http", 80),
    ("www", 80),
    ("kerberos", 88),
    ("pop3", 110),
    ("sunrpc", 111),
    ("ntp", 123),
    ("netbios-ns", 137),
    ("netbios-dgm", 138),
    ("netbios-ssn", 139),
    ("imap2", 143),
    ("snmp", 161),
    ("snmp-trap", 162),
    ("bgp", 179),
    ("irc", 194),
    ("ldap", 389),
    ("https", 443),
    ("microsoft-ds", 445),
    ("submission", 587),
    ("ldaps", 636),
    ("domain-s", 853),
    ("rsync", 873),
    ("imaps", 993),
    ("pop3s", 995),
    ("socks", 1080),
    ("openvpn", 1194),
    ("ms-sql-s", 1433),
    ("nfs", 2049),
    ("mysql", 3306),
    ("ms-wbt-server", 3389),
    ("sip", 5060),
    ("postgresql", 5432),
    ("amqp", 5672),
    ("x11", 6000),
    ("redis", 6379),
    ("http-alt", 8080),
];

/// The port that a constant names.
pub fn parse(text: &str) -> Result<u16, String> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        // Falco cuts off what does not fit, but cannot read numbers beyond 31 bits.
        let number = if text.is_empty() { Ok(0) } else { text.parse::<i32>() };
        return number.map(|number| number as u16).map_err(|_| format!("{text} is not a valid number"));
    }
    let service = SERVICES.iter().find(|(name, _)| *name == text);
    service.map(|(_, port)| *port).ok_or_else(|| format!("unrecognized protocol {text}"))
}
