//! One keep-alive HTTP/1.1 connection that costs its own side as little as possible.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection and the room for one answer.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// An answer, as it lies in the connection's buffer.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// The status line and the headers, with the empty line that ends them.
    pub head: &'a [u8],
    /// The body.
    pub body: &'a [u8],
}

impl Connection {
    /// Connects. Reads and writes wait no longer than ten seconds.
    ///
    /// # Errors
    /// When nothing listens there.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; ROOM], filled: 0 })
    }

    /// Sends one request and reads its whole answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer does not say its length.
    pub fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request)?;
        self.filled = 0;
        let head = self.read_head()?;
        let text = str::from_utf8(self.buffer.get(..head).unwrap_or_default()).map_err(Error::other)?;
        let status = status(text).ok_or_else(|| bad("no status"))?;
        let length = content_length(text).ok_or_else(|| bad("no Content-Length"))?;
        while self.filled < head + length {
            self.read_more()?;
        }
        let all = self.buffer.get(..head + length).unwrap_or_default();
        let (head, body) = all.split_at_checked(head).unwrap_or_default();
        Ok(Answer { status, head, body })
    }

    fn read_head(&mut self) -> Result<usize> {
        loop {
            self.read_more()?;
            let seen = self.buffer.get(..self.filled).unwrap_or_default();
            if let Some(end) = seen.windows(END.len()).position(|window| window == END) {
                return Ok(end + END.len());
            }
        }
    }

    fn read_more(&mut self) -> Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        match self.stream.read(self.buffer.get_mut(self.filled..).unwrap_or_default())? {
            0 => Err(Error::new(ErrorKind::UnexpectedEof, "the server closed the connection")),
            read => {
                self.filled += read;
                Ok(())
            }
        }
    }
}

impl Answer<'_> {
    /// The body as text, for messages and for reading XML.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }

    /// Head and body together, as they travelled.
    pub fn raw(&self) -> Vec<u8> {
        [self.head, self.body].concat()
    }
}

fn status(head: &str) -> Option<u16> {
    head.split(' ').nth(1)?.parse().ok()
}

fn content_length(head: &str) -> Option<usize> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })
}

fn bad(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("the answer has {what}"))
}

const END: &[u8] = b"\r\n\r\n";
const ROOM: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
