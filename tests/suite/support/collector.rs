//! A collector of traces on loopback, which keeps what it is sent as it comes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub struct Collector {
    pub endpoint: String,
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        drop(self.thread.take().map(JoinHandle::join));
    }
}

impl Collector {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (bytes, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (kept, over) = (Arc::clone(&bytes), Arc::clone(&ended));
        let collect = move || {
            while !over.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((socket, _)) => kept.lock().unwrap().extend(take(socket)),
                    Err(_) => std::thread::sleep(Duration::from_millis(10)),
                }
            }
        };
        let thread = Some(std::thread::spawn(collect));
        Self { endpoint, bytes, ended, thread }
    }

    /// What has come, as soon as it holds all of these.
    #[track_caller]
    pub fn until_it_holds(&self, parts: &[&[u8]]) -> Vec<u8> {
        let late = Instant::now() + Duration::from_secs(30);
        loop {
            let all = self.bytes.lock().unwrap().clone();
            if parts.iter().all(|part| all.windows(part.len()).any(|window| window == *part)) {
                return all;
            }
            assert!(Instant::now() < late, "{}", String::from_utf8_lossy(&all));
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A request, answered once it has come and nothing follows.
fn take(mut socket: TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    socket.set_nonblocking(false).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    drop(socket.read_to_end(&mut all));
    drop(socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
    all
}
