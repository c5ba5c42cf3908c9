//! Somebody who is signed in, at the level of bytes: when the first one comes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

/// How long a page may take.
const PATIENCE: Duration = Duration::from_mins(2);
const PASSWORD: &str = "correct+horse+battery";

/// A connection with a session.
pub struct Browser {
    connection: TcpStream,
    cookie: String,
}

/// A page as it came.
pub struct Answer {
    /// From the request to the first byte.
    pub first_byte: Duration,
    /// Bytes of the body.
    pub weight: usize,
    /// Status line and headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Browser {
    /// Makes the first admin by the link and signs in.
    ///
    /// # Errors
    /// If it is refused.
    pub fn enter(address: SocketAddr, welcome: &str) -> anyhow::Result<Self> {
        let connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_nodelay(true)?;
        let mut browser = Self {
            connection,
            cookie: String::new(),
        };
        let form = format!("name=Ayesha&password={PASSWORD}&again={PASSWORD}");
        let request = format!(
            "POST {welcome} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
            form.len()
        );
        let answer = browser.send(&request)?;
        let cookie = answer.head.split("set-cookie: ").nth(1);
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        cookie
            .context("expected a session")?
            .clone_into(&mut browser.cookie);
        Ok(browser)
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// If it does not come.
    pub fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        let cookie = &self.cookie;
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\n\r\n");
        let answer = self.send(&request)?;
        let status = answer.head.lines().next().unwrap_or_default();
        ensure!(status.contains(" 200 "), "{path}: {status}");
        Ok(answer)
    }

    fn send(&mut self, request: &str) -> anyhow::Result<Answer> {
        let start = Instant::now();
        self.connection.write_all(request.as_bytes())?;
        let mut bytes = vec![0; 1 << 16];
        let mut found = self.connection.read(&mut bytes)?;
        let first_byte = start.elapsed();
        let whole = loop {
            let end = bytes[..found].windows(4).position(|end| end == b"\r\n\r\n");
            if let Some(end) = end {
                let head = std::str::from_utf8(&bytes[..end])?.to_ascii_lowercase();
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.unwrap_or("0").parse()?;
                if found >= end + 4 + length {
                    break (end, length);
                }
            }
            if found == bytes.len() {
                bytes.resize(found * 2, 0);
            }
            let more = self.connection.read(&mut bytes[found..])?;
            ensure!(more > 0, "the connection was closed");
            found += more;
        };
        let (end, weight) = whole;
        Ok(Answer {
            first_byte,
            weight,
            head: String::from_utf8_lossy(&bytes[..end]).into_owned(),
            body: String::from_utf8_lossy(&bytes[end + 4..end + 4 + weight]).into_owned(),
        })
    }
}
