//! What people decide about upstream tools: accept or refuse a definition, and say what a tool does.
//!
//! In: an operator who runs the installation, and the definition that was looked at, by digest. Out: the pin as it stands
//! then, journalled. Each decision is about what is offered at that moment; deciding the same again records nothing.
//! Tests: `sim/tests/it/pins.rs`.

use domain::{
    Classification, Code, Digest, Event, Operator, Pin, PinState, Right, ToolName, limits,
};

use super::runs_installation;
use crate::gate::Gate;
use crate::port::{Journal, World};
use crate::refusal::Refusal;

impl<J: Journal, W: World> Gate<J, W> {
    /// Accepts the definition of a tool that its server offers. `seen` is the one that the person looked at.
    ///
    /// # Errors
    /// No right to write rules, or another tenant, an unknown tool, or a server that offers another definition by now.
    pub async fn accept_tool(
        &self,
        by: &Operator,
        tool: &ToolName,
        seen: Digest,
    ) -> Result<Pin, Refusal> {
        runs_installation(by, Right::WritePolicy)?;
        let _alone = self.pins.change().await;
        let pin = self.decided_on(tool, seen)?;
        if pin.state == PinState::Pinned && pin.by.is_some() {
            return Ok(pin);
        }
        let event = Event::ToolPinned {
            tool: tool.clone(),
            server: pin.server.clone(),
            definition: seen,
            by: Some(by.name.clone()),
        };
        self.changed_pin(pin, event).await
    }

    /// Refuses the definition of a tool that its server offers: the tool stays held back until it is offered as pinned
    /// again, or a person accepts it.
    ///
    /// # Errors
    /// As [`Self::accept_tool`].
    pub async fn refuse_tool(
        &self,
        by: &Operator,
        (tool, seen): (&ToolName, Digest),
        reason: String,
    ) -> Result<Pin, Refusal> {
        runs_installation(by, Right::WritePolicy)?;
        let reason = self.said(&reason)?;
        let _alone = self.pins.change().await;
        let pin = self.decided_on(tool, seen)?;
        if pin.state == PinState::Refused {
            return Ok(pin);
        }
        let event = Event::ToolRefused { tool: tool.clone(), seen, by: by.name.clone(), reason };
        self.changed_pin(pin, event).await
    }

    /// Says what a tool does, as its pinned definition has it.
    ///
    /// # Errors
    /// No right to write rules, or another tenant, an unknown tool, or a text that is too long.
    pub async fn classify_tool(
        &self,
        by: &Operator,
        tool: &ToolName,
        (classification, reason): (Classification, String),
    ) -> Result<Pin, Refusal> {
        runs_installation(by, Right::WritePolicy)?;
        let reason = self.said(&reason)?;
        let classification = self.fitting(classification)?;
        let _alone = self.pins.change().await;
        let pin = self.known_pin(tool)?;
        if pin.classification().is_some_and(|known| known.classification == classification) {
            return Ok(pin);
        }
        let event = Event::ToolClassified {
            tool: tool.clone(),
            definition: pin.definition,
            classification,
            by: by.name.clone(),
            reason,
        };
        self.changed_pin(pin, event).await
    }

    fn known_pin(&self, tool: &ToolName) -> Result<Pin, Refusal> {
        self.pins.of(tool).ok_or_else(|| Refusal::not_found(format!("pin of the tool `{tool}`")))
    }

    /// The pin, if what the person looked at is still what is offered.
    fn decided_on(&self, tool: &ToolName, seen: Digest) -> Result<Pin, Refusal> {
        let pin = self.known_pin(tool)?;
        if pin.offered() == seen {
            return Ok(pin);
        }
        let message = format!(
            "`{tool}` is offered as {} by now, and the decision is about {seen}",
            pin.offered()
        );
        Err(Refusal::new(
            Code::Conflict,
            message,
            "look at the present difference and decide again",
        ))
    }

    async fn changed_pin(&self, pin: Pin, event: Event) -> Result<Pin, Refusal> {
        let tool = pin.tool.clone();
        self.change_pins(vec![(Some(pin), event)]).await?;
        self.known_pin(&tool)
    }

    fn fitting(&self, classification: Classification) -> Result<Classification, Refusal> {
        let most = limits::CONTRACT_TEXT_CHARS_MAX;
        let Classification { effect_class, consequences, resource } = classification;
        if resource.as_ref().is_some_and(|resource| resource.chars().count() > most) {
            let message = format!("the resource is longer than {most} characters");
            return Err(Refusal::new(Code::Oversized, message, "shorten the resource"));
        }
        let resource = resource.map(|resource| self.masker.mask_text(&resource).into_owned());
        Ok(Classification { effect_class, consequences, resource })
    }
}
