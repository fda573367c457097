// A made-up photo of a parking ticket under a wiper, for those who have none at hand. The built-in model can read it.

export async function samplePhoto(number) {
  const answer = await fetch("/demo/ticket", { method: "POST", body: number });
  return new File([await answer.blob()], "ticket.jpg", { type: "image/jpeg" });
}
