//! One jail from its start to its end, seen from outside.
//!
//! In: a jail that was started. Out: what happened. Everything is waited for at once: reports, both pipes, the proxy, and
//! a deadline behind the jail's own. Whatever ends first, the jail is gone when this returns. Tests are in `tests/it`.

use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, ChildStdout};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::control::Control;
use super::output::{Output, Room};
use super::start::Jail;
use super::told::{Told, lost, not_started, silent, wait_until_gone};
use crate::channel::Packet;
use crate::error::Error;
use crate::finished::{Chunk, Ended, Finished, Stream, Upper};
use crate::limits::{DRAIN_MAX, GRACE, SETUP_MAX};
use crate::order::Order;
use crate::report::{End, Report};

/// A jail under way.
#[derive(Debug)]
pub(super) struct Running<'a> {
    order: &'a Order,
    process: Child,
    /// `None` once it is closed from here, which tells the jail to end.
    control: Option<Control>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    output: Output,
    deadline: Instant,
    told: Told,
    /// The supervisor asked for the end, because of too much output.
    over_output: bool,
    /// It was asked for the end, and asked the jail.
    asked: bool,
}

/// One thing that happened.
enum Event {
    Report(Packet<Report>),
    Output(Stream, usize),
    /// A pipe or the channel is closed.
    Closed(Source),
    Deadline,
    /// The caller wants it to end.
    Asked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Channel,
    Pipe(Stream),
}

impl<'a> Running<'a> {
    pub(super) fn new(jail: Jail, order: &'a Order, watch: Option<mpsc::Sender<Chunk>>) -> Self {
        let Jail { mut process, control } = jail;
        Self {
            order,
            stdout: process.stdout.take(),
            stderr: process.stderr.take(),
            process,
            control: Some(control),
            output: Output::new(order.limits.output_bytes, watch),
            deadline: Instant::now() + SETUP_MAX + order.limits.wall + GRACE,
            told: Told::default(),
            over_output: false,
            asked: false,
        }
    }

    /// Listens until the jail is gone. When `stop` resolves, the jail is asked to kill everything in it.
    pub(super) async fn finish(
        mut self,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<(Finished, Option<String>), Error> {
        let lost = self.listen(stop).await;
        self.control = None;
        let gone = wait_until_gone(&mut self.process).await;
        let (stdout, stderr) = self.output.finish(DRAIN_MAX).await;
        if let Some(failure) = self.told.failed {
            return Err(not_started(self.order, failure));
        }
        lost?;
        gone?;
        let usage = self.told.usage.ok_or_else(|| silent(&stderr.bytes))?;
        let network = match self.told.proxy {
            Some(proxy) => proxy.finish(),
            None => Vec::new(),
        };
        let finished = Finished {
            ended: ended(usage.end, (self.over_output, self.asked)),
            stdout,
            stderr,
            wall: usage.wall,
            cpu: usage.cpu,
            memory_bytes_max: usage.memory_bytes_max,
            processes: usage.processes,
            network,
            upper: self.told.upper.map(|directory| Upper { directory }),
        };
        Ok((finished, self.told.probed))
    }

    /// Takes everything that comes until the channel and both pipes are closed, or time is up.
    async fn listen(&mut self, stop: impl Future<Output = ()> + Send) -> Result<(), Error> {
        let mut stop = std::pin::pin!(stop);
        let mut open = vec![Source::Channel, Source::Pipe(Stream::Out), Source::Pipe(Stream::Err)];
        let (mut out, mut err) = (vec![0; 16 << 10], vec![0; 16 << 10]);
        while !open.is_empty() {
            let on = |source| open.contains(&source);
            let event = tokio::select! {
                report = receive(self.control.as_ref()), if on(Source::Channel) => match report {
                    Ok(Some(packet)) => Event::Report(packet),
                    Ok(None) => Event::Closed(Source::Channel),
                    Err(error) => return Err(lost(&format!("its report cannot be read: {error}"))),
                },
                read = read(&mut self.stdout, &mut out), if on(Source::Pipe(Stream::Out)) => {
                    event(Stream::Out, read)
                }
                read = read(&mut self.stderr, &mut err), if on(Source::Pipe(Stream::Err)) => {
                    event(Stream::Err, read)
                }
                () = stop.as_mut(), if !self.asked => Event::Asked,
                () = sleep_until(self.deadline) => Event::Deadline,
            };
            match event {
                Event::Report(packet) => self.hear(packet)?,
                Event::Output(stream, length) => {
                    let buffer = match stream {
                        Stream::Out => &out,
                        Stream::Err => &err,
                    };
                    self.keep(stream, buffer.get(..length).unwrap_or_default())?;
                }
                Event::Closed(source) => {
                    open.retain(|one| *one != source);
                    if source == Source::Channel {
                        // Nothing lives that could write; what is in the pipes is read soon.
                        self.deadline = self.deadline.min(Instant::now() + DRAIN_MAX);
                    }
                }
                Event::Asked => {
                    self.asked = true;
                    // A jail that is gone already has closed the channel, which is seen next.
                    let _gone = self.control.as_ref().map(Control::stop);
                }
                Event::Deadline if self.told.usage.is_some() => return Ok(()),
                Event::Deadline => return Err(lost("it did not end in time")),
            }
        }
        Ok(())
    }

    fn keep(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), Error> {
        if self.output.take(stream, bytes) == Room::Passed && !self.over_output {
            self.over_output = true;
            // A jail that is gone already has closed the channel, which is seen next.
            let _gone = self.control.as_ref().map(Control::stop);
        }
        Ok(())
    }

    fn hear(&mut self, packet: Packet<Report>) -> Result<(), Error> {
        if packet.value == Report::Started {
            self.deadline = Instant::now() + self.order.limits.wall + GRACE;
        }
        self.told.hear(packet, &self.order.network)
    }
}

async fn receive(control: Option<&Control>) -> std::io::Result<Option<Packet<Report>>> {
    match control {
        Some(control) => control.receive().await,
        None => Ok(None),
    }
}

async fn read<R: tokio::io::AsyncRead + Unpin>(
    pipe: &mut Option<R>,
    buffer: &mut [u8],
) -> std::io::Result<usize> {
    match pipe {
        Some(pipe) => pipe.read(buffer).await,
        None => Ok(0),
    }
}

fn event(stream: Stream, read: std::io::Result<usize>) -> Event {
    match read {
        Ok(0) | Err(_) => Event::Closed(Source::Pipe(stream)),
        Ok(length) => Event::Output(stream, length),
    }
}

fn ended(end: End, (over_output, asked): (bool, bool)) -> Ended {
    match end {
        // A command that wrote too much and ended before it was stopped still wrote too much.
        End::Exited(_) | End::Signalled(_) | End::Stopped if over_output => Ended::OverOutput,
        End::Exited(code) => Ended::Exited(code),
        End::Signalled(signal) => Ended::Signalled(signal),
        End::OverTime => Ended::OverTime,
        End::OverCpu => Ended::OverCpu,
        End::OverMemory => Ended::OverMemory,
        End::OverProcesses => Ended::OverProcesses,
        End::Stopped if asked => Ended::Stopped,
        // Only this supervisor asks, and for no other reason.
        End::Stopped => Ended::OverOutput,
    }
}
